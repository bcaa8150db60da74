"""Workers: any number of processes that review the tools of one batch."""
