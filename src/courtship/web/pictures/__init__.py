"""Pictures as SVG: numbers in, escaped markup out. Colours come by class only, never by attribute."""
