"""The parts of the page that maps crops."""
