"""Who may do what, at every address of the site: the table, the world it is tried in, and the trying."""
