"""What the lab and the system around it exchange: files that a user names, one line an event for the log, the device."""
