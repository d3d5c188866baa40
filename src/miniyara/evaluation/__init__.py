"""Conditions: the reference interpreter, and the evaluation of all rules."""

from miniyara.evaluation.evaluator import Evaluation, Evaluator

__all__ = ["Evaluation", "Evaluator"]
