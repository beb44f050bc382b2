// The one entry of our own script; every page works without it.
import { relating } from "./ago.js";
import { bulk } from "./bulk.js";
import { ticking } from "./clock.js";
import { copying } from "./copy.js";
import { filtering } from "./filters.js";
import { following } from "./follow.js";
import { graphing } from "./graph.js";
import { keyboard } from "./keyboard.js";
import { living } from "./live.js";
import { menus } from "./menus.js";
import { since } from "./since.js";
import { theming } from "./theme.js";
import { localTimes } from "./times.js";

document.documentElement.classList.add("js");
for (const start of [theming, relating, menus, bulk, copying, localTimes, filtering, keyboard, living, graphing, since, ticking, following]) start();
document.querySelector("[data-focus]")?.focus();
