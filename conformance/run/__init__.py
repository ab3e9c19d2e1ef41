"""What every search of a run is handed."""
