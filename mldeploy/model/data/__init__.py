"""What `data()` gives: the columns, their types, the rows that tell something."""
