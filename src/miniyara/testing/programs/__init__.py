"""Writers of made-up programs: small files with a bit of everything that modules read."""
