"""What a release needs beside the code: licences, known weaknesses, the parts list."""
