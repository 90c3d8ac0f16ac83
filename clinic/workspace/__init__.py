"""What a doctor's own pages show and take: his week, his hours, his time off, follow-ups of his patients."""
