import './colours.css'
import './app.css'
import './controls.css'
import './drawing.css'
import './responsive.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { restoreTheme } from './state/theme'

restoreTheme()
mount(App, { target: document.getElementById('app')! })
