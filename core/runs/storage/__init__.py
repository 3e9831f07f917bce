"""Where stored files lie: in a folder, or in an object store. What is kept there, checked and cleared is the store's to say."""
