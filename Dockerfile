# docs/deployment.md says how to run it. Build: docker build -t breakglass:0.1.0 .

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma prisma
COPY src src
RUN npx prisma generate && npm run build

# What runs: no development packages, and no embedded PostgreSQL, which is optional and for trying out only.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts
RUN mkdir /data

# Node and what it needs, on the Debian of the stages above: no shell, no package manager, nothing that runs as root.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
# With NODE_ENV=production a missing DATABASE_URL is an error.
ENV NODE_ENV=production CONFIG_FILE=/etc/breakglass/breakglass.yml DATA_DIR=/var/lib/breakglass
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY prisma/schema.prisma prisma/schema.prisma
COPY prisma/migrations prisma/migrations
COPY --from=packages --chown=65532:65532 /data /var/lib/breakglass
# nonroot, by number, so that Kubernetes can tell.
USER 65532:65532
# Slack's door, and the API's.
EXPOSE 3000 8080
# By TLS where the API speaks it. It asks itself, so it doesn't look at the certificate.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "const s = process.env.API_TLS_CERT_FILE ? 'https' : 'http'; setTimeout(() => process.exit(1), 4000); require(s).get(`${s}://127.0.0.1:${process.env.API_PORT || 8080}/healthz`, { rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node"]
# The command line is the same image with dist/cli.js and its words in this place.
CMD ["dist/main.js"]
