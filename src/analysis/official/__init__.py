"""Official files: recognised, checked, taken in as vintages, with every row accounted for."""
