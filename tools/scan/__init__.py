"""`make scan`: checkov's findings in the emitted modules, and the accepted ones."""
