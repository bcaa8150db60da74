"""The votes service: readers' votes as plain form posts, one a voter and tool."""
