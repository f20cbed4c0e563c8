"""What an AWS account lacks before an apply or a failover; reads only."""
