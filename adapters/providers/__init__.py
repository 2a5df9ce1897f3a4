"""Video backends: one folder or file per dialect, and the simulator."""
