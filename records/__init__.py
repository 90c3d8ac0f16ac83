"""Care: charts, medical records, who may read them and who did."""
