"""What forecasts are worth to whoever trades on them or must know the risk: values in, values out; knows no comparison."""
