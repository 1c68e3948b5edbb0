"""What every report is made of: pieces of HTML, drawings, the choice of colours."""
