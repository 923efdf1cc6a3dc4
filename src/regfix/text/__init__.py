"""Sources as text: spans, decoding, edits, and the atomic write."""
