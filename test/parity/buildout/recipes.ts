/**
 * Buildouts with public recipes, one each, as a user of the recipe would write them. The recipes themselves
 * are provided as source trees, under the names used here.
 */
import type { Changes } from "./life-cycles.ts";

interface RecipeBuildout {
  /** Sections of the configuration; `[buildout]` is written by the runner, all others are parts. */
  readonly sections: string;
  readonly files?: Changes;
  /** Distributions that the recipe installs. */
  readonly needs?: readonly string[];
  /** This package has a recipe of its own for the name. */
  readonly native?: boolean;
}

const DIRECTORY = "${buildout:directory}";

/** Source tree -> a buildout. */
export const recipeBuildouts: Readonly<Record<string, RecipeBuildout>> = {
  "birdhousebuilder.recipe.conda": {
    sections: "[conda]\nrecipe = birdhousebuilder.recipe.conda\npkgs = lxml\noffline = true\n",
  },
  "collective.recipe.cmd": {
    native: true,
    sections:
      "[cmd]\nrecipe = collective.recipe.cmd\non_install = true\non_update = true\n" +
      `cmds = echo line >> ${DIRECTORY}/lines\nuninstall_cmds = echo gone >> ${DIRECTORY}/lines\n`,
  },
  "collective.recipe.nix": {
    sections: "[nix]\nrecipe = collective.recipe.nix\neggs = six\n",
  },
  "collective.recipe.omelette": {
    native: true,
    sections: "[omelette]\nrecipe = collective.recipe.omelette\neggs = six\n",
  },
  "collective.recipe.rsync": {
    sections: `[rsync]\nrecipe = collective.recipe.rsync\nsource = ${DIRECTORY}/from/\ntarget = ${DIRECTORY}/to/\nscript = true\n`,
    files: { "from/file": "text\n" },
  },
  "collective.recipe.solrinstance": {
    sections:
      `[solr]\nrecipe = collective.recipe.solrinstance\nsolr-version = 4\nsolr-location = ${DIRECTORY}/solr\n` +
      "host = 127.0.0.1\nport = 1234\nunique-key = uniqueID\n" +
      "index =\n    name:uniqueID type:string indexed:true stored:true required:true\n    name:Foo type:text\n",
    files: { "solr/example/etc/jetty.xml": "<x/>\n", "solr/example/start.jar": "" },
  },
  "collective.recipe.sphinxbuilder": {
    sections: `[docs]\nrecipe = collective.recipe.sphinxbuilder\nsource = ${DIRECTORY}/docs\nbuild = ${DIRECTORY}/built\n`,
    files: { "docs/index.rst": "Title\n=====\n", "docs/conf.py": "" },
  },
  "collective.recipe.supervisor": {
    native: true,
    needs: ["supervisor"],
    sections:
      "[supervisor]\nrecipe = collective.recipe.supervisor\nport = 9001\nuser = me\npassword = secret\nplugins =\n" +
      `programs =\n    10 web (startsecs=5) ${DIRECTORY}/bin/web [-x] ${DIRECTORY} true\n    20 other /bin/true\n` +
      "groups =\n    10 both web,other\n",
  },
  "collective.recipe.template": {
    native: true,
    sections: `[template]\nrecipe = collective.recipe.template\ninput = in.txt\noutput = ${DIRECTORY}/out/file\nmode = 755\nvalue = a b\n`,
    files: { "in.txt": "${value} ${template:value} ${buildout:parts}\n$${not} $x\n" },
  },
  djangorecipe: {
    sections:
      "[django]\nrecipe = djangorecipe\nproject = site\nsettings = production\neggs = six\nwsgi = true\n",
  },
  "ftw.recipe.translations": {
    sections: "[i18n]\nrecipe = ftw.recipe.translations:package\npackage-name = my.package\n",
  },
  "hexagonit.recipe.cmmi": {
    native: true,
    sections:
      `[built]\nrecipe = hexagonit.recipe.cmmi\npath = ${DIRECTORY}/source\n` +
      "configure-command = true\nmake-binary = true\nmake-targets =\n",
    files: { "source/configure": "#!/bin/sh\n" },
  },
  "hexagonit.recipe.download": {
    native: true,
    sections: `[file]\nrecipe = hexagonit.recipe.download\nurl = file://${DIRECTORY}/data/file.txt\ndownload-only = true\nfilename = other.txt\n`,
    files: { "data/file.txt": "text\n" },
  },
  "isotoma.recipe.buildbot": {
    sections: `[slave]\nrecipe = isotoma.recipe.buildbot:slave\nbasedir = ${DIRECTORY}/slave\n`,
  },
  "leocornus.recipe.distribute": {
    sections: `[archives]\nrecipe = leocornus.recipe.distribute\nsource-root = ${DIRECTORY}/skins\npackages = ALL\ndist-format = zip\noutput-root = ${DIRECTORY}/archives\n`,
    files: { "skins/one/file": "text\n", "archives/.keep": "" },
  },
  "pbp.recipe.noserunner": {
    sections: `[test]\nrecipe = pbp.recipe.noserunner\neggs = six\nworking-directory = ${DIRECTORY}/work\n`,
  },
  "plone.recipe.codeanalysis": {
    sections: `[code-analysis]\nrecipe = plone.recipe.codeanalysis\ndirectory = ${DIRECTORY}/src\nflake8 = true\n`,
    files: { "src/module.py": "x = 1\n" },
  },
  "plone.recipe.command": {
    native: true,
    sections:
      `[command]\nrecipe = plone.recipe.command\ncommand = echo line >> ${DIRECTORY}/lines\n` +
      "update-command = ${:command}\nlocation = lines\nstop-on-error = true\n",
  },
  "plone.recipe.varnish": {
    sections:
      "[varnish-configuration]\nrecipe = plone.recipe.varnish:configuration\nbackends = 127.0.0.1:8081\n" +
      "[varnish-script]\nrecipe = plone.recipe.varnish:script\ndaemon = /usr/sbin/varnishd\n" +
      "configuration-file = ${varnish-configuration:config-file}\nbind = 127.0.0.1:8000\ncache-size = 512M\n",
  },
  "plone.recipe.zeoserver": {
    sections: "[zeo]\nrecipe = plone.recipe.zeoserver\nzeo-address = 127.0.0.1:8100\neggs = six\n",
  },
  "plone.recipe.zope2instance": {
    sections:
      "[instance]\nrecipe = plone.recipe.zope2instance\nuser = admin:admin\nhttp-address = 8080\neggs = six\n" +
      "environment-vars =\n    ZOPE A\n    TZ UTC\n",
  },
  "vdt.recipe.version": {
    sections:
      "[package]\nrecipe = vdt.recipe.version\nversion-plugin = buildout\nsources-to-build = six\n",
  },
  "z3c.recipe.mkdir": {
    native: true,
    sections: "[made]\nrecipe = z3c.recipe.mkdir\npaths =\n    one/two\n    three\nmode = 700\n",
  },
  "z3c.recipe.usercrontab": {
    native: true,
    sections: `[cron]\nrecipe = z3c.recipe.usercrontab\ntimes = 0 12 * * *\ncommand = echo x\nreadcrontab = cat ${DIRECTORY}/crontab\nwritecrontab = tee ${DIRECTORY}/crontab\n`,
    files: { crontab: "# mine\n" },
  },
  "zc.recipe.deployment": {
    sections:
      `[deploy]\nrecipe = zc.recipe.deployment\nprefix = ${DIRECTORY}/root\nuser = root\netc-user = root\n` +
      "[conf]\nrecipe = zc.recipe.deployment:configuration\ndeployment = deploy\ntext = a b\n",
  },
  "zc.recipe.filestorage": {
    sections: "[data]\nrecipe = zc.recipe.filestorage\n",
  },
};
