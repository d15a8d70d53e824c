# The product's image. First `docker run --rm -v dealdesk:/data IMAGE migrate`, then
# `docker run -v dealdesk:/data -p 8080:8080 --env-file dealdesk.env IMAGE`. The admin port stays inside the container.

FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /opt/venv
COPY pyproject.toml requirements.lock ./
COPY scripts/ scripts/
RUN python scripts/runtime_lock.py > /tmp/runtime.lock \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check --require-hashes -r /tmp/runtime.lock \
    && /opt/venv/bin/python scripts/install_checkout.py \
    && /opt/venv/bin/pip uninstall --yes --quiet pip setuptools \
    && python -m compileall -q -j 0 /opt/venv/lib

FROM python:3.11-slim
RUN groupadd --gid 10001 dealdesk \
    && useradd --uid 10001 --gid dealdesk --no-create-home --shell /usr/sbin/nologin dealdesk \
    && install --directory --owner=dealdesk --group=dealdesk --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN python -m compileall -q /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DEALDESK_DATA_DIR=/data \
    DEALDESK_DATABASE_URL=sqlite:////data/dealdesk.db \
    DEALDESK_LISTEN=0.0.0.0:8080
USER dealdesk
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dealdesk"]
CMD ["serve"]
