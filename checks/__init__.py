"""What a file is: bytes in, findings out. What a finding means for a submission is said in sales/evidence.py."""
