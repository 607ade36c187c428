"""Spreadsheets in their raw form: CSV and XLSX, read and written row by row. No database."""
