#!/usr/bin/env bash
# What Shipskip does, in a minute: no key, no network. Pages and the live run go to .demo/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recorded=(runs/2026-11-30/mistral-8x24b-mixture-of-experts-dee2bd6a runs/2026-11-30/openai-o3-pro-api-5c00ef80)
unset OPENAI_API_KEY MISTRAL_API_KEY OPENAI_BASE_URL

echo "1. Two recorded panels replay: a real model's ballots, no key, no network."
shipskip replay "${recorded[@]}"

echo
echo "2. They become a comparison page."
shipskip compare "${recorded[@]}" --out .demo/site

echo
echo "3. The same without a model: the built-in checklist counts signals, and is no jury."
rm -rf .demo/live
shipskip init .demo/live >/dev/null
shipskip review examples/tools/rowboat-sync.md --root .demo/live

echo
echo "Open both pages in a browser:"
echo "  $PWD/.demo/site/compare/mistral-8x24b-mixture-of-experts-vs-openai-o3-pro-api/index.html"
echo "  $PWD/.demo/live/site/tools/rowboat-sync/index.html"
echo "For a real model set OPENAI_API_KEY or MISTRAL_API_KEY and run"
echo "  .venv/bin/shipskip review examples/tools/rowboat-sync.md"
echo "or, without a key, paste the prompts into any chat: add --model manual"
