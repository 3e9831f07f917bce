"""What Streamlit's theme cannot say of the looks of every screen."""
