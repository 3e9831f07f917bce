# A server, a scheduler or a worker of the lab: compose.yaml says which.
FROM python:3.11-slim
# torch for processors: without its index, which PyTorch's page on installing names, the one for CUDA comes, of several GB.
ARG TORCH_INDEX=""
RUN useradd --create-home --uid 1000 gridcast
WORKDIR /gridcast
COPY requirements.txt .
RUN pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt s3fs "psycopg[binary]"
COPY . .
USER gridcast
ENV GRIDCAST_HOME=/tmp/gridcast PYTHONUNBUFFERED=1
# Of a server: a scheduler and a worker have a health check of their own in compose.yaml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/api/health', timeout=4)"
CMD ["python", "serve.py", "--server.address", "0.0.0.0"]
