{{#volume}}
# shellcheck shell=sh
# The folder that all nodes share; its tmp is for what programs of several nodes pass to each other.
export HAIL_HOME="{{volume.mount}}"
{{/volume}}
