FROM python:3.11-slim AS portal
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CNSPORTAL_DATA=/data
WORKDIR /portal
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN useradd --system --create-home --uid 10001 portal && mkdir /data && chown portal /data
USER portal
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "cnsportal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
