"""What the pages say about the code and read from it when they are built: settings, options, operators, messages."""
