"""Where the kernel runs: in this process, in a pool of processes, on Dask."""
