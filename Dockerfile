# A server, a scheduler or a worker of the lab: compose.yaml says which.
FROM python:3.11-slim
RUN useradd --create-home --uid 1000 gridcast
WORKDIR /gridcast
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt s3fs "psycopg[binary]"
COPY . .
USER gridcast
ENV GRIDCAST_HOME=/tmp/gridcast PYTHONUNBUFFERED=1
CMD ["python", "serve.py", "--server.address", "0.0.0.0"]
