# The bundle is built with everything; the image gets the bundle and the packages with native code.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the scripts of packages: Node.js is here already, and the packages with native code bring their binaries.
RUN npm ci --ignore-scripts
COPY build.ts tsconfig.json ./
COPY src ./src
RUN npm run build

FROM node:24-slim
WORKDIR /app
COPY --from=build /app/node_modules/better-sqlite3 ./node_modules/better-sqlite3
COPY --from=build /app/node_modules/@node-rs ./node_modules/@node-rs
COPY --from=build /app/node_modules/sharp ./node_modules/sharp
COPY --from=build /app/node_modules/@img ./node_modules/@img
COPY --from=build /app/node_modules/detect-libc ./node_modules/detect-libc
COPY --from=build /app/node_modules/semver ./node_modules/semver
COPY --from=build /app/dist ./dist
COPY package.json LICENSE config.example.yaml ./
COPY migrations ./migrations
COPY docker/healthcheck.js ./docker/healthcheck.js
# The image's own user has uid and gid 1000. A bind mount that belongs to somebody else needs --user or a chown; the
# server says so with the very commands when it cannot write.
RUN install -d -o node -g node /data \
  # For `docker compose exec cozos cozos user list`.
  && printf '#!/bin/sh\nexec node /app/dist/cozos.js "$@"\n' > /usr/local/bin/cozos && chmod 755 /usr/local/bin/cozos
USER node
ENV NODE_ENV=production COZOS_HOST=0.0.0.0 COZOS_DATA_DIR=/data
VOLUME /data
EXPOSE 7480 7481
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "/app/docker/healthcheck.js"]
ENTRYPOINT ["node", "/app/dist/cozos.js"]
