"""zc.recipe.egg, for recipes based on it."""

from zc.recipe.egg.custom import Custom, Develop
from zc.recipe.egg.egg import Egg, Eggs, Scripts

__all__ = ["Custom", "Develop", "Egg", "Eggs", "Scripts"]
