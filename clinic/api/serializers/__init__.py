"""What the clinic's API takes and answers. Each serializer that is saved calls one verb of a domain module."""
