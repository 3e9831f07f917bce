"""What the page of tasks is made of: progress kept in the browser, the tasks themselves, a lecturer's own list."""
