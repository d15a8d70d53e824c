"""What is kept and how: tables, queues, repositories. SQL lives here and nowhere else."""
