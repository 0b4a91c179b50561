"""Regular expressions of XPath (as DMN asks for), in time that grows with pattern times text whatever the pattern."""

from engine.feel.patterns.characters import PatternError
from engine.feel.patterns.matching import Match, Pattern, compile_pattern

__all__ = ["Match", "Pattern", "PatternError", "compile_pattern"]
