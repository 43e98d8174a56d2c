#!/usr/bin/env bash
exec "$SRC/sesscheck/fuzz/build.sh"
