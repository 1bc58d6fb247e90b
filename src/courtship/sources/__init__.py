"""Files in: recognise, walk and stream files, folders and archives."""
