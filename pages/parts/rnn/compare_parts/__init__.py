"""The screen of a comparison below its verdict, a file a part."""
