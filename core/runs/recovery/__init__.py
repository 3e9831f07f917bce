"""What keeps runs from being lost: last words tried again, rows and tasks compared, runs whose process is gone."""
