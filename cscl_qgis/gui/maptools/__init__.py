"""Map tools of the dock; each gives the canvas back its former tool."""
