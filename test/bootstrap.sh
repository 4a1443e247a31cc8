# Sourced by the scripts that a bare clone starts with: installs the npm packages where they are missing. The packages want the
# Node that comes as one of them, so what npm says about the system's older one is left out.
if ! { [ -x node_modules/.bin/node ] && [ -d node_modules/yaml ] && [ -d node_modules/vitest ]; }; then
  echo "installing the npm packages (npm ci)" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
fi
