"""What is sent to model servers and read from them: requests, answers and the files of batches."""
