# One image for all of Shipskip's services: the command says which. `docker run shipskip --help`
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /shipskip
WORKDIR /build
COPY requirements-image.txt ./
RUN /shipskip/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-image.txt
COPY pyproject.toml README.md LICENSE shipskip.toml ./
COPY personas personas
COPY prompts prompts
COPY panel panel
RUN /shipskip/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
ENV PATH=/shipskip/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /shipskip /shipskip
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/shipskip \
    --shell /usr/sbin/nologin shipskip
USER 10001
WORKDIR /var/lib/shipskip
VOLUME /var/lib/shipskip
EXPOSE 8741 8742
# The desk and the votes answer at HEALTH_URL; what serves nothing says so by its exit.
ENV HEALTH_URL=http://127.0.0.1:8741/health
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ['HEALTH_URL'], timeout=4)"]
ENTRYPOINT ["shipskip"]
CMD ["desk", "--host", "0.0.0.0"]
