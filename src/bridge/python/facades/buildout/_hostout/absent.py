"""Names of zc.buildout without a counterpart here: using one raises an error that says what to use instead."""

from _hostout import failure

_INSTALLER = "Call zc.buildout.easy_install.install or working_set: pip or uv choose and install."
_SCRIPTS = "Call zc.buildout.easy_install.scripts, which writes all scripts."
_RUN = "The engine does this around the recipe; start bin/buildout for a run of its own."

# Module -> {name: what to use instead}.
NAMES = {
    "zc.buildout.buildout": dict({
        "Options.recipe": "It is there for recipes in Python: that of this part runs in the engine.",
    }, **dict.fromkeys((
        "Buildout._compute_part_signatures Buildout._develop Buildout._init_config Buildout._install"
        " Buildout._load_extensions Buildout._maybe_upgrade Buildout._print_namespace_packages"
        " Buildout._sanity_check_develop_eggs_files"
        " Buildout._save_installed_options Buildout._setup_directories Buildout._setup_logging"
        " Buildout._setup_socket_timeout Buildout._uninstall Buildout._uninstall_part"
        " Buildout._unload_extensions Buildout._update_installed Buildout.annotate"
        " Buildout.bootstrap Buildout.init Buildout.install Buildout.print_options Buildout.query"
        " Buildout.runsetup Buildout.setup HistoryItem Options._do_extend_raw Options._dosub"
        " Options._initialize Options.initialize SectionKey _annotate _annotate_section _check_for_unused_options_in_section"
        " _get_user_config _install_and_load _open _print_annotate _unannotate"
        " _buildout_default_options _doing _internal_error_template _usage hashed Options._simple"
        " Options._template_split Options._valid _unannotate_section _update _update_section _update_verbose").split(), _RUN)),
    "zc.buildout.easy_install": dict(
        dict.fromkeys((
            "AllowHostsPackageIndex BuildoutWheel Environment EnvironmentMixin"
            " Installer._add_dependency_links_from_dists Installer._call_pip_install Installer._env Installer._requirements_and_constraints"
            " Installer._check_picked_requirement_versions Installer._eggify_env_dest_dists"
            " Installer._env_rescan_dest Installer._fetch Installer._final_version"
            " Installer._get_dest_dist_paths Installer._make_env Installer._maybe_add_setuptools"
            " Installer._version_conflict_information"
            " _copyeggs _create_egg_link _maybe_copy_and_rename_wheel"
            " _move_to_eggs_dir_and_compile call_pip_install check_namespace_init_file"
            " dist_needs_pkg_resources find_namespace_init_files get_namespace_package_paths"
            " get_namespace_packages make_egg_after_pip_install namespace_packages_need_pkg_resources"
            " unpack_egg unpack_wheel IS_SETUPTOOLS_80_PLUS NOT_PICKED_AND_NOT_ALLOWED UNPACKERS"
            " _develop_distutils_scripts buildout_and_setuptools_dists macosVersionString"
            " pip_dists").split(), _INSTALLER),
        **dict.fromkeys((
            "_create_script _detect_distutils_scripts _distutils_script _pyscript _script"
            " get_win_launcher disable_root_logger distutils_script_template runsetup_template").split(), _SCRIPTS)),
    "zc.buildout.configparser": dict.fromkeys(
        ["leading_blank_lines", "option_start", "section_header", "Error._get_message",
         "Error._set_message"],
        "Call zc.buildout.configparser.parse."),
    "zc.buildout.rmtree": {"test_suite": "It is a test of zc.buildout itself."},
    "zc.buildout.tests": dict.fromkeys(
        ("add_source_dist create_sample_eggs create_wheel easy_install_SetUp extdemo_c extdemo_setup_py").split(),
        "Make the distributions that the test needs with zc.buildout.testing.sdist."),
    "zc.buildout.utils": dict.fromkeys(
        ["IS_SETUPTOOLS_80_PLUS", "SETUPTOOLS_VERSION"],
        "Ask importlib.metadata.version('setuptools')."),
    "zc.recipe.egg.egg": dict.fromkeys(
        ["Eggs._WORKING_SET_CACHE_ATTR_NAME", "Eggs._get_cache_storage"],
        "The engine keeps the working sets of a run: call working_set."),
    "zc.recipe.egg.custom": dict.fromkeys(
        ["Custom._restore_environment", "Custom._saved_environment", "Custom._set_environment"],
        "Set os.environ around install."),
}

MODULES = {
    "zc.buildout._package_index":
        "Call zc.buildout.easy_install.install: pip or uv ask the index.",
    "zc.buildout.patches": "Nothing is patched: pip or uv choose and install.",
    "zc.buildout.pep425tags": "Ask packaging.tags.",
    "zc.recipe.egg.tests": "They are tests of zc.recipe.egg itself.",
}


def _text(name, way):
    """The message for such a name."""
    return "%s has no counterpart in this engine. %s" % (name, way)


def refuse_module(name):
    raise ImportError(_text(name, MODULES[name]))


class Absent(object):
    """Replaces such a name: it can be imported, but not used."""

    def __init__(self, text):
        self._text = text

    def _refuse(self):
        raise failure.CLASSES["default"](self._text)

    def __call__(self, *_arguments, **_keywords):
        self._refuse()

    def __getattr__(self, name):
        # Python itself looks up names of this form, to find out what kind of object this is.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __bool__(self):
        self._refuse()

    def __iter__(self):
        self._refuse()

    def __mod__(self, _values):
        self._refuse()

    def __getitem__(self, _key):
        self._refuse()

    def __mro_entries__(self, bases):
        self._refuse()

    def __get__(self, instance, owner=None):
        return self

    def __repr__(self):
        return "<%s>" % self._text


def fill(module, names):
    """Sets an Absent for each name that the module lacks."""
    for name, way in NAMES[module].items():
        owner, _, attribute = name.rpartition(".")
        absent = Absent(_text("%s.%s" % (module, name), way))
        if owner:
            setattr(names[owner], attribute, absent)
        else:
            names[name] = absent
