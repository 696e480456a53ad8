"""zc.recipe.egg for the recipes that build on it."""

from zc.recipe.egg.custom import Custom, Develop
from zc.recipe.egg.egg import Egg, Eggs, Scripts

__all__ = ["Custom", "Develop", "Egg", "Eggs", "Scripts"]
