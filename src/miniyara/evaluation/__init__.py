"""Conditions: the reference interpreter, and the evaluation of all rules."""

from miniyara.evaluation.evaluator import Evaluation, Evaluator, Preparation

__all__ = ["Evaluation", "Evaluator", "Preparation"]
