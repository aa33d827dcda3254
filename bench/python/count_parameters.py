"""Prints the trainable parameters of each network named: python count_parameters.py resnet20d:10 resnet50d:1000"""

import json
import sys

from networks import create_model

counts = {}
for argument in sys.argv[1:]:
    name, num_classes = argument.split(":")
    counts[name] = sum(parameter.numel() for parameter in create_model(name, int(num_classes)).parameters())
print(json.dumps(counts))
